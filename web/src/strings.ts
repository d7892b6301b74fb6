// Every word on the page. Sentences say what happened, what it means, what to do, in that order.

import type { CameraState } from './api/types';
import type { Problem } from './player/viewing';

export const strings = {
  product: 'Jalousie',
  title: (page: string, home?: string) => [page, home, 'Jalousie'].filter(Boolean).join(' · '),
  skip: 'Skip to the pictures',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'Loading…',

  unit: {
    seconds: (n: string) => `${n} s`,
    minutes: (n: string) => `${n} min`,
    fps: (n: string) => `${n} pictures a second`,
    size: (width: number, height: number) => `${width} × ${height}`,
  },

  field: { show: 'Show', hide: 'Hide', showPassword: 'Show password', hidePassword: 'Hide password' },

  pill: {
    live: 'LIVE',
    late: (seconds: number) => (seconds < 120 ? `${seconds} s late` : `${Math.round(seconds / 60)} min late`),
    connecting: 'connecting',
    reconnecting: 'reconnecting',
    state: {
      connecting: () => 'connecting',
      stalled: (at: string) => (at ? `no pictures since ${at}` : 'no pictures'),
      wrong_password: () => 'wrong password',
      unreachable: (at: string) => (at ? `offline since ${at}` : 'offline'),
      no_stream: () => 'no video',
      no_key_frame: () => 'no key frame',
      codec_not_supported: () => 'codec not supported',
      refused: () => 'refused',
      privacy: () => 'privacy on',
      suspended: () => 'suspended',
    } satisfies Record<Exclude<CameraState, 'live'>, (at: string) => string>,
    problem: {
      signed_out: 'signed out',
      rights_changed: 'not shared with you any more',
      camera_removed: 'removed',
      tenure_ended: 'not shared with you any more',
      suspended: 'suspended',
      privacy_on: 'privacy on',
      lease_lost: 'reconnecting',
      refused: 'refused',
      codec_not_supported: 'codec not supported',
      too_many: 'too many pictures',
      not_found: 'not shared with you any more',
    } satisfies Record<Problem['kind'], string>,
  },

  problem: {
    signed_out: ['You signed out.', 'Sign in to see the picture.'],
    rights_changed: ['This camera is not shared with you any more.', 'Ask an owner of the home if that is a mistake.'],
    camera_removed: ['This camera was removed from the home.', 'An owner can add it again.'],
    tenure_ended: ['This camera does not belong to this home any more.', 'An owner can add it again.'],
    suspended: ['This camera is suspended for now, so no picture is shown.', 'It comes back by itself when the suspension is lifted.'],
    privacy_on: ['Privacy is switched on, so no picture leaves the camera.', 'It comes back when privacy is switched off.'],
    lease_lost: ['The permission for this picture was not renewed in time.', 'A new one is asked for by itself.'],
    refused: [
      'A picture was refused because it could not be proved to come from this camera. Nothing of it was shown, and an alarm was raised.',
      'Tell whoever runs this server before you try again.',
    ],
    codec_not_supported: ['This browser cannot play the camera’s video.', 'Set the camera to H.264 without B-frames, or try another browser.'],
    too_many: ['More pictures are open than this server allows at once.', 'Close some; this one comes by itself.'],
    not_found: ['This camera is not shared with you any more.', 'Ask an owner of the home if that is a mistake.'],
  } satisfies Record<Problem['kind'], [string, string]>,

  picture: {
    of: (name: string) => `Live picture of ${name}`,
    frozen: (seconds: number) => `No new picture for ${seconds} s`,
    blocked: 'This browser waits for a tap before it shows moving pictures. Tap anywhere.',
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    fullScreenKey: 'f',
  },

  said: (name: string, state: string) => `${name}: ${state}`,
  connection: {
    lost: 'The server does not answer. Pictures are paused, and this page reconnects by itself.',
    back: 'The server is back.',
  },

  error: {
    noAnswer: 'The server did not answer. Nothing was changed. Check your connection and try again.',
    status: (status: number) =>
      status >= 500
        ? `The server could not do that (${status}). Nothing was changed. Try again in a moment.`
        : status === 429
          ? 'The server was asked too often. Nothing was changed. Wait a minute and try again.'
          : status === 404
            ? 'That is not there, or not for you. Nothing was changed.'
            : `The server refused that (${status}). Nothing was changed.`,
    load: 'The cameras could not be loaded.',
  },

  signIn: {
    page: 'Sign in',
    heading: 'Sign in',
    name: 'Name',
    password: 'Password',
    submit: 'Sign in',
    busy: 'Signing in…',
    wrong: 'The name or the password is wrong. Nobody was signed in. Try again; capital letters count.',
    tooMany: (seconds: number) => `There were too many attempts, so none is taken right now. Try again in ${seconds} s.`,
    missing: 'Fill in both the name and the password.',
    ended: 'Your session ended, so the pictures stopped. Sign in to see them again.',
    self: 'You are signed out on this device.',
    everywhere: 'You are signed out on all devices.',
  },

  welcome: {
    page: 'Welcome',
    heading: (home: string) => `Welcome to ${home}`,
    text: (account: string) => `Choose a password for ${account}. The link that brought you here works once; from then on you sign in with this password.`,
    password: 'Password',
    hint: 'At least 10 characters. Three or four unrelated words are easy to keep in mind.',
    short: 'The password is shorter than 10 characters. It was not set. Choose a longer one.',
    submit: 'Set password and sign in',
    busy: 'Setting the password…',
    usedHeading: 'This link does not work any more',
    used: 'It was used before, or it has run out. If you have set your password, sign in with it; otherwise ask whoever runs this server for a new link.',
    toSignIn: 'Go to sign in',
  },

  header: {
    home: 'Home',
    homes: 'Homes',
    yourHomes: 'Your homes',
    account: (name: string) => `Account ${name}`,
    signedInAs: (name: string) => `Signed in as ${name}`,
    signOut: 'Sign out',
    signOutEverywhere: 'Sign out everywhere',
    add: 'Add a camera',
  },

  wall: {
    page: 'Cameras',
    list: (home: string) => `Cameras of ${home}`,
    empty: 'No cameras yet',
    emptyOwner: (home: string) => `Add the first camera of ${home} by its address; you can test it before it is added.`,
    emptyOther: (home: string) => `No camera of ${home} is shared with you yet. An owner of the home can add or share one.`,
    noHome: 'This account belongs to no home',
    noHomeText: 'There is nothing to show. Ask an owner to invite you, or whoever runs this server.',
  },

  camera: {
    back: 'All cameras',
    gone: 'This camera is not here',
    goneText: 'It was removed, or it is not shared with you. The other cameras are on the wall.',
    state: 'State',
    details: 'Details',
    age: 'Picture age',
    noPicture: 'no picture',
    since: 'Since',
    video: 'Video',
    address: 'Address',
    transport: 'Transport',
    model: 'Model',
    firmware: 'Firmware',
    zone: 'Time zone',
    unknown: 'not known yet',
    settings: 'Settings',
    rename: 'Name',
    save: 'Save',
    saving: 'Saving…',
    saved: 'Saved.',
    connection: 'Address and password',
    connectionHint: 'What is stored is never shown again. Fields that you leave empty stay as they are.',
    url: 'New address',
    user: 'New user name',
    password: 'New password',
    nothing: 'Nothing was filled in, so nothing was changed.',
    remove: 'Remove camera',
    removeText: 'Stops the picture for everyone in this home.',
    removeHeading: (name: string) => `Remove ${name}?`,
    removeWarning: 'Its picture stops for everyone at once, and what was kept of it can never be opened again. To see it again, it has to be added anew.',
    removeYes: 'Remove for good',
    removing: 'Removing…',
  },

  add: {
    page: 'Add a camera',
    heading: 'Add a camera',
    notOwner: 'Only owners add cameras',
    notOwnerText: (home: string) => `You can watch in ${home} but not change it. Ask an owner to add the camera.`,
    name: 'Name',
    nameHint: 'What people will read on the picture, for example “Front door”.',
    url: 'Address',
    urlHint: 'Begins with rtsp://. The camera’s manual or its app has it.',
    user: 'User name',
    password: 'Password',
    optional: 'if the camera asks for one',
    moved: 'The user name and password were taken out of the address and put into their own fields.',
    transport: 'Transport',
    tcp: 'TCP',
    tcpHint: 'works almost everywhere',
    udp: 'UDP',
    udpHint: 'a little less delay on a good network',
    test: 'Test connection',
    testing: 'Asking the camera… this takes 10 s at most.',
    found: 'The camera answers.',
    foundVideo: (video: string) => `The camera answers: ${video}.`,
    submit: 'Add camera',
    adding: 'Adding…',
    badUrl: 'That is no camera address. Nothing was asked. It has to begin with rtsp://.',
    noName: 'The camera has no name yet. It was not added. Give it one.',
  },

  missing: {
    page: 'Not found',
    heading: 'There is no such page',
    text: 'The address may be cut off or mistyped.',
    toWall: 'To the cameras',
  },
};
