// The bar on top of every screen: whose home this is, in words and colour, and the account.

import type { Home, Session } from '../api/types';
import { navigate } from '../router';
import { store } from '../store';
import { strings } from '../strings';
import { announce } from './announce';
import { homeColour } from './colour';
import { Icon } from './icons';
import { Menu } from './menu';

function HomeName({ home }: { home: Home }) {
  return (
    <>
      <i class="swatch" style={{ background: homeColour(home) }} aria-hidden="true" />
      <span class="home-name">{home.name}</span>
    </>
  );
}

export function Header({ session }: { session: Session }) {
  const home = store.home.value;
  const { homes, account } = session;
  const signOut = (everywhere: boolean): void => {
    void store.signOut(everywhere).catch((error: Error) => announce(error.message));
  };
  return (
    <header class="bar" style={home ? { '--home': homeColour(home) } : {}}>
      {home && homes.length > 1 ? (
        <Menu
          label={`${strings.header.home}: ${home.name}`}
          heading={strings.header.yourHomes}
          button={
            <>
              <HomeName home={home} />
              <Icon name="down" />
            </>
          }
          items={homes.map((other) => ({
            label: <HomeName home={other} />,
            checked: other.id === home.id,
            run: () => {
              store.choose(other.id);
              navigate('/');
            },
          }))}
        />
      ) : (
        <a class="home" href="/">
          {home ? <HomeName home={home} /> : <span class="home-name">{strings.product}</span>}
        </a>
      )}
      <span class="grow" />
      {home?.role === 'owner' && (
        <a class="quiet button" href="/add" aria-label={strings.header.add}>
          <Icon name="plus" />
          <span class="wide">{strings.header.add}</span>
        </a>
      )}
      <Menu
        label={strings.header.account(account.name)}
        heading={strings.header.signedInAs(account.name)}
        align="end"
        button={
          <span class="avatar" aria-hidden="true">
            {[...account.name][0]?.toUpperCase()}
          </span>
        }
        items={[
          { label: strings.header.signOut, run: () => signOut(false) },
          { label: strings.header.signOutEverywhere, run: () => signOut(true) },
        ]}
      />
    </header>
  );
}
