import type { ComponentChildren } from 'preact';

/** A table that scrolls sideways if there is no room, also by the keyboard. */
export function Grid({ title, columns, rows, visible = false }: { title: string; columns: string[]; rows: ComponentChildren[][]; visible?: boolean }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption class={visible ? '' : 'hidden'}>{title}</caption>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c} scope="col">
                {c}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => (
            <tr key={i}>
              {cells.map((cell, j) => (
                <td key={j}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
