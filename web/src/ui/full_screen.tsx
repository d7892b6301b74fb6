import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { strings } from '../strings';
import { Icon } from './icons';

/** iPhones make only videos fill the screen, by a method of their own. */
type AppleVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

export function toggleFullScreen(stage: HTMLElement): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else if (stage.requestFullscreen) void stage.requestFullscreen({ navigationUI: 'hide' }).catch(() => {});
  else stage.querySelector<AppleVideo>('video')?.webkitEnterFullscreen?.();
}

export function FullScreenButton({ stage }: { stage: RefObject<HTMLElement | null> }) {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const changed = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);
  const label = full ? strings.picture.leaveFullScreen : strings.picture.fullScreen;
  return (
    <button
      type="button"
      class="on-picture"
      aria-label={label}
      aria-keyshortcuts={strings.picture.fullScreenKey}
      title={`${label} (${strings.picture.fullScreenKey})`}
      onClick={() => stage.current && toggleFullScreen(stage.current)}
    >
      <Icon name={full ? 'shrink' : 'expand'} />
    </button>
  );
}
