import { useId } from 'preact/hooks';

interface SliderProperties {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  /** the value in words */
  text?: string;
  onInput: (value: number) => void;
}

/** A range with its label and its value. */
export function Slider({ label, value, min, max, step = 1, text = String(value), onInput }: SliderProperties) {
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <output for={id}>{text}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
