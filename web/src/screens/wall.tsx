// All cameras of the home. Arrow keys go from picture to picture as they lie on the screen.

import { useEffect, useRef } from 'preact/hooks';
import type { Camera } from '../api/types';
import { cameraPath } from '../router';
import { store } from '../store';
import { strings } from '../strings';
import { neighbour, type Direction } from '../ui/grid';
import { Outcome } from '../ui/field';
import { aspectOf, Picture } from '../ui/picture';
import { Empty, Screen } from '../ui/screen';

const kArrows: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

/** The camera that was open last keeps the focus when one comes back to the wall. */
let lastOpened: string | null = null;

function Tile({ camera }: { camera: Camera }) {
  return (
    <li>
      <a class="tile" href={cameraPath(camera.id)} data-camera={camera.id} onClick={() => (lastOpened = camera.id)}>
        <Picture camera={camera} name={camera.name} />
      </a>
    </li>
  );
}

/** How many columns make good use of a wide screen; narrow ones have fewer by style sheet. */
function columnsFor(count: number): number {
  return count <= 1 ? 1 : count <= 4 ? 2 : count <= 9 ? 3 : 4;
}

/** The shape that most of the pictures have. */
function commonest(shapes: number[]): number {
  const count = (shape: number): number => shapes.filter((other) => other === shape).length;
  return shapes.reduce((best, shape) => (count(shape) > count(best) ? shape : best), shapes[0] ?? 16 / 9);
}

export function Wall() {
  const list = useRef<HTMLUListElement>(null);
  const home = store.home.value;
  const cameras = store.homeCameras.value;
  const known = home !== null && (store.loaded.value.has(home.id) || cameras.length > 0);

  useEffect(() => {
    if (!lastOpened) return;
    list.current?.querySelector<HTMLElement>(`[data-camera="${lastOpened}"]`)?.focus();
    lastOpened = null;
  }, []);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      const direction = kArrows[event.key];
      if (!direction || event.altKey || event.ctrlKey || event.metaKey || !list.current) return;
      const tiles = [...list.current.querySelectorAll<HTMLElement>('.tile')];
      const at = tiles.indexOf(document.activeElement as HTMLElement);
      if (at < 0 && document.activeElement !== document.body && document.activeElement?.tagName !== 'H1') return;
      const to = at < 0 ? 0 : neighbour(tiles.map((tile) => tile.getBoundingClientRect()), at, direction);
      event.preventDefault();
      tiles[to]?.focus();
      tiles[to]?.scrollIntoView({ block: 'nearest' });
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);

  if (!home) {
    return (
      <Screen title={strings.wall.page}>
        <Empty heading={strings.wall.noHome} text={strings.wall.noHomeText} />
      </Screen>
    );
  }
  const columns = columnsFor(cameras.length);
  return (
    <Screen title={strings.wall.page} class="wall-screen" keepFocus={lastOpened !== null}>
      {!known && store.loadError.value && (
        <Empty heading={strings.error.load} text={store.loadError.value}>
          <button type="button" class="primary" onClick={() => void store.load()}>
            {strings.retry}
          </button>
        </Empty>
      )}
      {!known && !store.loadError.value && <div class="later"><Outcome tone="wait" text={strings.loading} /></div>}
      {known && cameras.length === 0 && (
        <Empty heading={strings.wall.empty} text={home.role === 'owner' ? strings.wall.emptyOwner(home.name) : strings.wall.emptyOther(home.name)}>
          {home.role === 'owner' && (
            <a class="button primary" href="/add">
              {strings.header.add}
            </a>
          )}
        </Empty>
      )}
      {cameras.length > 0 && (
        <ul
          class="wall"
          ref={list}
          aria-label={strings.wall.list(home.name)}
          data-columns={columns}
          style={{ '--rows': Math.ceil(cameras.length / columns), '--aspect': commonest(cameras.map(aspectOf)) }}
        >
          {cameras.map((camera) => (
            <Tile key={camera.id} camera={camera} />
          ))}
        </ul>
      )}
    </Screen>
  );
}
