import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Invitation } from '../api/types';
import { ApiError } from '../api/client';
import { navigate } from '../router';
import { store } from '../store';
import { strings } from '../strings';
import { Field, Outcome } from '../ui/field';
import { Gate } from '../ui/gate';

const text = strings.welcome;
const kPasswordLength_min = 10;

export function Welcome({ token }: { token: string }) {
  const invitation = useSignal<Invitation | null>(null);
  const used = useSignal(token === '');
  const password = useSignal('');
  const busy = useSignal(false);
  const error = useSignal('');
  const form = useRef<HTMLFormElement>(null);

  const look = async (): Promise<void> => {
    error.value = '';
    try {
      invitation.value = await store.api.invitation(token);
    } catch (failure) {
      const { status, detail } = failure as ApiError;
      if (status === 404 || status === 400) used.value = true;
      else error.value = detail;
    }
  };
  useEffect(() => {
    if (token) void look();
  }, []);
  useEffect(() => form.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus(), [invitation.value]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    if ([...password.value].length < kPasswordLength_min) {
      error.value = text.short;
      return;
    }
    busy.value = true;
    error.value = '';
    try {
      const session = await store.api.acceptInvitation(token, password.value);
      store.enter(session);
      store.choose(invitation.value!.home.id);
      navigate('/', true); // the token is spent; it need not stay in the address
    } catch (failure) {
      const { status, detail } = failure as ApiError;
      if (status === 404) used.value = true;
      else error.value = detail;
    } finally {
      busy.value = false;
    }
  };

  if (used.value) {
    return (
      <Gate title={text.page} heading={text.usedHeading}>
        <p>{text.used}</p>
        <a class="button primary" href="/sign-in">
          {text.toSignIn}
        </a>
      </Gate>
    );
  }
  if (!invitation.value) {
    return (
      <Gate title={text.page} heading={text.page}>
        <Outcome tone={error.value ? 'bad' : 'wait'} text={error.value || strings.loading} />
        {error.value && (
          <button type="button" class="primary" onClick={look}>
            {strings.retry}
          </button>
        )}
      </Gate>
    );
  }
  const { account, home } = invitation.value;
  return (
    <Gate title={text.page} heading={text.heading(home.name)}>
      <p>{text.text(account.name)}</p>
      <form ref={form} onSubmit={submit} noValidate>
        <input class="spoken" name="username" autocomplete="username" value={account.name} readOnly tabIndex={-1} aria-hidden="true" />
        <Field label={text.password} name="password" type="password" autocomplete="new-password" hint={text.hint} value={password} />
        <Outcome tone="bad" text={error.value} />
        <button class="primary" type="submit" aria-disabled={busy.value}>
          {busy.value ? text.busy : text.submit}
        </button>
      </form>
    </Gate>
  );
}
