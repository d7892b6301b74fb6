import { useEffect } from 'preact/hooks';
import { navigate, route, signInPath } from './router';
import { Add } from './screens/add';
import { CameraScreen } from './screens/camera';
import { SignIn } from './screens/sign_in';
import { Wall } from './screens/wall';
import { Welcome } from './screens/welcome';
import { store } from './store';
import { strings } from './strings';
import { announce, announcement } from './ui/announce';
import { Header } from './ui/header';
import { Empty, Screen } from './ui/screen';

function Missing() {
  return (
    <Screen title={strings.missing.page}>
      <Empty heading={strings.missing.heading} text={strings.missing.text}>
        <a class="button primary" href="/">
          {strings.missing.toWall}
        </a>
      </Empty>
    </Screen>
  );
}

function Inside() {
  const here = route.value;
  switch (here.page) {
    case 'wall':
      return <Wall />;
    case 'camera':
      return <CameraScreen key={here.id} id={here.id} />;
    case 'add':
      return <Add />;
    default:
      return <Missing />;
  }
}

/** Who is not signed in is sent to sign in and comes back; who is has no business there. */
function useGuard(): void {
  const session = store.session.value;
  const here = route.value;
  useEffect(() => {
    if (session === undefined || here.page === 'welcome') return;
    if (session === null && here.page !== 'sign-in') navigate(signInPath(location.pathname + location.search), true);
    if (session && here.page === 'sign-in') navigate(here.next, true);
  }, [session, here]);
}

function Connection() {
  const lost = store.feedState.value === 'lost';
  useEffect(() => {
    if (!lost) return;
    return () => announce(strings.connection.back);
  }, [lost]);
  return (
    <div role="status" class="connection">
      {lost && (
        <p>
          <i class="spinner" aria-hidden="true" />
          {store.feedWhy.value || strings.connection.lost}
        </p>
      )}
    </div>
  );
}

function Content() {
  const session = store.session.value;
  const here = route.value;
  if (here.page === 'welcome') return <Welcome key={here.token} token={here.token} />;
  if (session === undefined) return null;
  if (session === null) return here.page === 'sign-in' ? <SignIn next={here.next} /> : null;
  return (
    <>
      <a class="skip" href="#main">
        {strings.skip}
      </a>
      <Header session={session} />
      <Inside />
    </>
  );
}

export function App() {
  useGuard();
  return (
    <>
      <Connection />
      <Content />
      <div class="spoken" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}
