import { list, text } from '../../model/text';
import { Grid } from '../../parts/grid';
import { Markdown } from '../../parts/markdown';
import type { ContentProps } from '../tile';

export function MarkdownContent({ tile, data }: ContentProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={text(tile.title)}>
      <Markdown source={list(data.data).map(text).join('\n')} />
    </div>
  );
}

/** The lines as they were sent. */
export function MarkdownTable({ tile, data }: ContentProps) {
  return <Grid title={text(tile.title)} columns={['Line', 'Markdown']} rows={list(data.data).map((line, i) => [i + 1, <bdi class="mono">{text(line)}</bdi>])} />;
}
