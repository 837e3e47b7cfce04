import { ArcElement, BarController, BarElement, CategoryScale, Chart, type ChartConfiguration, DoughnutController, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import { useEffect, useRef } from 'preact/hooks';
import { named } from '../../model/disposition';
import { useStore } from '../../model/store';
import { colour, theme } from '../../parts/theme';

Chart.register(ArcElement, BarController, BarElement, CategoryScale, DoughnutController, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip);

/** Draws a chart. `make` is called again when the colours change. */
export function Canvas({ make, title, height = 190 }: { make: () => ChartConfiguration; title: string; height?: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { version } = useStore(theme);
  useEffect(() => {
    Chart.defaults.color = colour('quiet');
    Chart.defaults.borderColor = colour('line');
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 11;
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    const chart = new Chart(canvas.current!, make());
    return () => chart.destroy();
  }, [make, version]);
  return (
    <div class="canvas" style={{ height: `${height}px` }}>
      <canvas ref={canvas} role="img" aria-label={`${title}. The button Table shows the numbers.`} />
    </div>
  );
}

/** The colour of a series: its disposition's, if its name is one, otherwise the next of the palette. */
export function seriesColour(label: string, position: number): string {
  return colour(named(label) ?? `series-${position % 8}`);
}
