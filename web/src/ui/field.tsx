// Labelled inputs: the label above, the hint and the error tied to the input for those who hear the page.

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Signal } from '@preact/signals';
import { strings } from '../strings';
import { Icon } from './icons';

interface FieldProps {
  label: string;
  value: Signal<string>;
  hint?: string;
  /** Said beside the label. */
  optional?: string;
  type?: 'text' | 'password' | 'url';
  name: string;
  autocomplete: 'off' | 'username' | 'current-password' | 'new-password';
  placeholder?: string;
  maxLength?: number;
  onBlur?: () => void;
}

export function Field({ label, value, hint, optional, type = 'text', ...input }: FieldProps) {
  const id = useId();
  const [visible, setVisible] = useState(false);
  const secret = type === 'password';
  // Preact's types want to know which of the three it is; the element does not change.
  const shownType = (secret && visible ? 'text' : type) as 'text';
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="optional"> {optional}</span>}
      </label>
      <div class="input">
        <input
          {...input}
          {...(input.name === 'name' ? {} : { autocapitalize: 'none', spellcheck: false })}
          id={id}
          type={shownType}
          value={value.value}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onInput={(event) => (value.value = event.currentTarget.value)}
        />
        {secret && (
          <button type="button" class="reveal" aria-label={visible ? strings.field.hidePassword : strings.field.showPassword} onClick={() => setVisible(!visible)}>
            {visible ? strings.field.hide : strings.field.show}
          </button>
        )}
      </div>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  name: string;
  value: Signal<T>;
  options: { value: T; label: string; hint: string }[];
}

export function Choice<T extends string>({ legend, name, value, options }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} checked={value.value === option.value} onChange={() => (value.value = option.value)} />
          <span>
            <b>{option.label}</b> <small>{option.hint}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/**
 * What came of an action, spoken when it appears, and brought into sight. An empty one is there from the start, so that screen
 * readers notice.
 */
export function Outcome({ tone, text }: { tone: 'bad' | 'good' | 'wait'; text: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (text && tone !== 'wait') place.current?.scrollIntoView({ block: 'nearest' });
  }, [tone, text]);
  return (
    <div ref={place} class="outcome" role={tone === 'bad' ? 'alert' : 'status'} data-tone={tone}>
      {text && (
        <>
          {tone === 'wait' ? <i class="spinner" aria-hidden="true" /> : <Icon name={tone === 'good' ? 'check' : 'alert'} />}
          <span>{text}</span>
        </>
      )}
    </div>
  );
}
