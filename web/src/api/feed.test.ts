import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFeed, type FeedState } from './feed';

// Node 18 and 20 differ in how their mock timers are switched on; this is all that is needed of them.
const timers = new Map<number, { at: number; run: () => void }>();
let clock = 0;
let handle = 0;

function passTime(ms: number): void {
  for (const end = clock + ms; ; ) {
    const due = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
    if (!due) {
      clock = end;
      return;
    }
    timers.delete(due[0]);
    clock = due[1].at;
    due[1].run();
  }
}

/** A server whose answers the test gives. */
function rig(answers: (() => Promise<Response>)[]) {
  const states: string[] = [];
  const events: string[] = [];
  let refused = 0;
  let asked = 0;
  const signals: AbortSignal[] = [];
  let now = 0;
  const feed = new EventFeed(
    {
      state: (state, why) => states.push(why ? `${state}: ${why}` : state),
      event: ({ event, data }) => events.push(`${event} ${data}`),
      unauthenticated: () => (refused += 1),
    },
    {
      fetch: (_address, init) => {
        signals.push(init!.signal!);
        return (answers[asked++] ?? (() => Promise.reject(new TypeError('no route'))))();
      },
      now: () => now,
      random: () => 0.5,
    },
  );
  const rigged = {
    feed,
    states,
    events,
    signals,
    get asked() {
      return asked;
    },
    get refused() {
      return refused;
    },
    pass: async (ms: number) => {
      now += ms;
      passTime(ms);
      await settle();
    },
  };
  return rigged;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; ++turn) await Promise.resolve();
  await new Promise((done) => setImmediate(done));
}

function streaming() {
  let control!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (control = controller) });
  return {
    answer: () => Promise.resolve(new Response(body, { status: 200 })),
    send: async (text: string) => {
      control.enqueue(new TextEncoder().encode(text));
      await settle();
    },
    end: async () => {
      control.close();
      await settle();
    },
  };
}

function timed(name: string, body: () => Promise<void>): void {
  test(name, async () => {
    const { setTimeout, clearTimeout } = globalThis;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms: number) => (timers.set(++handle, { at: clock + ms, run }), handle),
      clearTimeout: (id: number) => timers.delete(id),
    });
    try {
      await body();
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      timers.clear();
    }
  });
}

timed('passes events on, across pieces', async () => {
  const stream = streaming();
  const it = rig([stream.answer]);
  it.feed.start();
  await settle();
  await stream.send('event: camera\nda');
  await stream.send('ta: {"name":"Gé"}\n\n');
  assert.deepEqual(it.states, ['opening', 'open']);
  assert.deepEqual(it.events, ['camera {"name":"Gé"}']);
  it.feed.stop();
});

timed('comes back by itself after the server went away, soon after it is up again', async () => {
  const first = streaming();
  const second = streaming();
  const down = () => Promise.reject(new TypeError('refused'));
  const it = rig([first.answer, down, down, down, down, down, second.answer]);
  it.feed.start();
  await settle();
  await first.end();
  assert.equal(it.feed.state, 'lost');
  for (let waited = 0; it.asked < 6; waited += 100) {
    assert.ok(waited < 12_000);
    await it.pass(100);
  }
  // From here on the server is there; how long until we know?
  let waited = 0;
  for (; (it.feed.state as FeedState) !== 'open'; waited += 100) await it.pass(100);
  assert.ok(waited <= 3_000, `${waited} ms`);
  assert.deepEqual(it.states, ['opening', 'open', 'lost', 'open']);
  it.feed.stop();
});

timed('a silent stream is a dead one', async () => {
  const first = streaming();
  const second = streaming();
  const it = rig([first.answer, second.answer]);
  it.feed.start();
  await settle();
  for (let i = 0; i < 5; ++i) {
    await it.pass(15_000);
    await first.send(': still here\n\n');
  }
  assert.equal(it.asked, 1);
  await it.pass(22_100);
  assert.equal(it.feed.state, 'lost');
  assert.equal(it.signals[0]!.aborted, true);
  await it.pass(1_000);
  assert.equal(it.feed.state, 'open');
  it.feed.stop();
});

timed('a server that accepts but never answers is given up', async () => {
  const it = rig([() => new Promise(() => {}), streaming().answer]);
  it.feed.start();
  await it.pass(5_100);
  assert.equal(it.feed.state, 'lost');
  await it.pass(1_000);
  assert.equal(it.feed.state, 'open');
  it.feed.stop();
});

timed('401 is told once and not asked again', async () => {
  const it = rig([() => Promise.resolve(new Response('', { status: 401 }))]);
  it.feed.start();
  await settle();
  await it.pass(60_000);
  assert.equal(it.refused, 1);
  assert.equal(it.asked, 1);
  assert.equal(it.feed.state, 'closed');
});

timed('what the server says instead of events is passed on', async () => {
  const tooMany = () =>
    Promise.resolve(new Response('{"detail":"Close some pages."}', { status: 429, headers: { 'Content-Type': 'application/problem+json' } }));
  const it = rig([tooMany, tooMany, streaming().answer]);
  it.feed.start();
  await settle();
  for (let i = 0; i < 40; ++i) await it.pass(100);
  assert.deepEqual(it.states, ['opening', 'lost: Close some pages.', 'open']);
  it.feed.stop();
});

timed('a nudge does not wait for the timer', async () => {
  const it = rig([() => Promise.reject(new TypeError('offline')), streaming().answer]);
  it.feed.start();
  await settle();
  assert.equal(it.feed.state, 'lost');
  it.feed.nudge();
  await settle();
  assert.equal(it.feed.state, 'open');
  it.feed.stop();
});
