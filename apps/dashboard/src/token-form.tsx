import { type FormEvent } from 'react';
import { storeToken } from './session.js';

interface Props {
  wasRefused: boolean; // a token that this tab holds
  onEntered: () => void;
}

/** Asked for where the API wants a token. */
export function TokenForm({ wasRefused, onEntered }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    storeToken(String(new FormData(event.currentTarget).get('token')));
    onEntered();
  };
  return (
    <form className="token" onSubmit={submit}>
      {wasRefused && (
        <p className="problem" role="alert">
          The API refused this token. It is the one that PEFTGRID_TOKEN held when the server was started.
        </p>
      )}
      <label>
        This API needs its token (PEFTGRID_TOKEN). It is kept until this tab is closed.
        <input name="token" type="password" autoComplete="off" required autoFocus aria-invalid={wasRefused} />
      </label>
      <button>Continue</button>
    </form>
  );
}
