import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon';

type Native = Omit<ButtonHTMLAttributes, 'icon' | 'label' | 'size' | 'class'> & { class?: string };

interface ButtonProperties extends Native {
  icon?: IconName;
  /** one primary button in a view */
  kind?: 'primary' | 'plain' | 'danger';
  children: ComponentChildren;
}

export function Button({ icon, kind = 'plain', children, class: name = '', ...rest }: ButtonProperties) {
  return (
    <button type="button" class={`button button-${kind} ${name}`} {...rest}>
      {icon && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  );
}

interface IconButtonProperties extends Native {
  icon: IconName;
  /** what it does, for screen readers and as a tooltip */
  label: string;
  /** of a button that is on or off */
  pressed?: boolean;
  size?: number;
}

export function IconButton({ icon, label, pressed, size = 20, class: name = '', ...rest }: IconButtonProperties) {
  return (
    <button
      type="button"
      class={`icon-button ${name}`}
      aria-label={label}
      title={label}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      {...rest}
    >
      <Icon name={icon} size={size} {...(pressed && { filled: true })} />
    </button>
  );
}
