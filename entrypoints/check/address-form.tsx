import { useState } from 'preact/hooks';
import { t, tRich } from '../../components/texts.tsx';
import { readAddress } from './checkable.ts';

type AddressFormProps = { readonly initial: string; readonly onAddress: (url: string) => void };

/** Takes the address of a video's file. */
export function AddressForm({ initial, onAddress }: AddressFormProps) {
  const [text, setText] = useState(initial);
  const [isWrong, setWrong] = useState(false);
  return (
    <form
      class="card address"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const url = readAddress(text);
        setWrong(url === null);
        if (url !== null) onAddress(url);
      }}
    >
      <label for="address">
        {tRich('check.address', { quiet: (words) => <span class="quiet small">{words}</span> })}
      </label>
      <input
        id="address"
        type="url"
        inputMode="url"
        autocomplete="off"
        placeholder={t('check.addressExample')}
        value={text}
        aria-invalid={isWrong}
        aria-describedby="address-problem"
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setWrong(false);
        }}
      />
      <button type="submit">{t('action.check')}</button>
      <p id="address-problem" role="alert" class="small tone-not-sure" hidden={!isWrong}>
        {t('check.notAnAddress')}
      </p>
    </form>
  );
}
