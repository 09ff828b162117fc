import { type FormEvent } from 'react';
import { storeToken } from './session.js';

/** Asked for where the API wants a token. */
export function TokenForm({ onEntered }: { onEntered: () => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    storeToken(String(new FormData(event.currentTarget).get('token')));
    onEntered();
  };
  return (
    <form className="token" onSubmit={submit}>
      <label>
        This API needs its token (PEFTGRID_TOKEN). It is kept until this tab is closed.
        <input name="token" type="password" autoComplete="off" required />
      </label>
      <button>Continue</button>
    </form>
  );
}
