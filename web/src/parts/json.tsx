/** A value as indented JSON. */
export function JSONText({ of, title }: { of: unknown; title: string }) {
  return (
    <pre class="json" tabIndex={0} role="region" aria-label={title}>
      {JSON.stringify(of, null, 2)}
    </pre>
  );
}
