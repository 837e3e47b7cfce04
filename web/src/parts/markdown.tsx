import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { useMemo } from 'preact/hooks';
import { text, webURL } from '../model/text';

// Third parties write Markdown too: it may contain no more than text, tables and links.
const allowed = {
  ALLOWED_TAGS: ['a', 'b', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'li', 'ol', 'p', 'pre', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
  ALLOWED_ATTR: ['href', 'align', 'start'],
};

const escaped = (raw: string) => raw.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

// HTML in it is shown as text, and an image as its description.
const marked = new Marked({ gfm: true, breaks: true, renderer: { html: ({ text: raw }) => escaped(raw), image: ({ text: description }) => escaped(description) } });

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  const url = webURL(node.getAttribute('href'));
  if (!url) return node.removeAttribute('href');
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer');
});

/** Markdown of a third party as text, tables and links. Headings begin below those of the page. */
export function Markdown({ source }: { source: string }) {
  const html = useMemo(() => {
    const page = DOMPurify.sanitize(marked.parse(text(source), { async: false }), allowed);
    return page.replace(/<(\/?)h([1-6])>/g, (_, slash: string, level: string) => `<${slash}h${Math.min(6, Number(level) + 3)}>`);
  }, [source]);
  return <div class="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
