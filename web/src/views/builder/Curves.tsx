/** The energy curve: chosen by its shape, and drawn over the tracks of the preview. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatNumber, t } from '../../i18n';
import { CURVES, line, place, shape, target, type Curve } from './curve';

export function CurveChoice({ value, onChange }: { value: Curve | null; onChange: (curve: Curve | null) => void }) {
  return (
    <fieldset class="curves">
      <legend class="visually-hidden">{t('builder-energy')}</legend>
      {[null, ...CURVES].map((curve) => (
        <label key={curve}>
          <input
            type="radio"
            class="visually-hidden"
            name="energy-curve"
            checked={curve === value}
            onChange={() => onChange(curve)}
          />
          <span class="curve-card">
            <svg viewBox="0 0 56 32" aria-hidden="true">
              {curve === null ? (
                [8, 20, 30, 42, 50].map((x, index) => <circle key={x} cx={x} cy={[20, 9, 23, 13, 18][index]} r="2.2" />)
              ) : (
                <path d={shape(curve, 56, 32)} />
              )}
            </svg>
            {t(`curve-${curve ?? 'none'}`)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

export interface CurveTrack {
  id: number;
  title: string;
  arousal: number | null;
}

interface CurveChartProperties {
  tracks: readonly CurveTrack[];
  curve: Curve | null;
  active: number | null;
  onActive: (id: number | null) => void;
}

const HEIGHT = 108; // pixels

/** The arousal of the tracks in their order as points, and the curve that was chosen as a line. */
export function CurveChart({ tracks, curve, active, onActive }: CurveChartProperties) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(120, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const values = tracks.map((track) => track.arousal);
  const known = values.filter((each) => each !== null);
  const points = place(values, width, HEIGHT);
  const aim = curve === null ? [] : place(target(known, curve), width, HEIGHT);
  const drawn = line((curve === null ? points : aim).filter((each) => each !== null));
  return (
    <figure class="curve-chart">
      <div ref={box}>
        {known.length === 0 ? (
          <p class="muted">{t('curve-unknown')}</p>
        ) : (
          <svg width={width} height={HEIGHT} role="img" aria-label={t('curve-chart')}>
            {curve !== null && <path class="curve-area" d={`${drawn}V${HEIGHT}H${aim[0]?.x ?? 0}Z`} />}
            <path class={curve === null ? 'curve-way' : 'curve-line'} d={drawn} />
            {points.map((point, index) => {
              const track = tracks[index];
              if (!point || !track) return null;
              return (
                <circle
                  key={track.id}
                  class={track.id === active ? 'active' : ''}
                  cx={point.x}
                  cy={point.y}
                  r={track.id === active ? 6 : 4}
                  onPointerEnter={() => onActive(track.id)}
                  onPointerLeave={() => onActive(null)}
                >
                  <title>
                    {t('curve-point', { name: track.title, n: formatNumber(Math.round((track.arousal ?? 0) * 100)) })}
                  </title>
                </circle>
              );
            })}
          </svg>
        )}
      </div>
      {known.length > 0 && (
        <figcaption aria-hidden="true">
          <span>{t('curve-excited')}</span>
          <span>{t('curve-calm')}</span>
        </figcaption>
      )}
    </figure>
  );
}
