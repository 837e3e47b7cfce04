import type { ComponentChildren } from 'preact';
import { webURL } from '../model/text';

/** A link to another site, if the URL is one of a web page. Otherwise the text alone. */
export function OutLink({ url, children, ...rest }: { url: unknown; children: ComponentChildren; class?: string }) {
  const href = webURL(url);
  if (!href) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" {...rest}>
      {children}
    </a>
  );
}
