// Tells when a new picture is on the screen: by requestVideoFrameCallback where there is one, else by the count of
// decoded frames.

const kPoll_ms = 200;

/** Calls `frame` for every presented picture of whatever `video` plays, with what the browser knows of it. */
export function watchFrames(video: HTMLVideoElement, frame: (presented: VideoFrameCallbackMetadata | undefined) => void): () => void {
  if ('requestVideoFrameCallback' in video) {
    let handle = 0;
    const next = (_now: number, metadata?: VideoFrameCallbackMetadata): void => {
      if (metadata) frame(metadata);
      handle = video.requestVideoFrameCallback(next);
    };
    next(0);
    return () => video.cancelVideoFrameCallback(handle);
  }
  const element = video as HTMLVideoElement;
  let before = 0;
  const timer = setInterval(() => {
    const count = element.getVideoPlaybackQuality().totalVideoFrames;
    if (count > before) frame(undefined);
    before = count;
  }, kPoll_ms);
  return () => clearInterval(timer);
}
