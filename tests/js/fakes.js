/**
 * Timers, a WebSocket, an EventSource and a deferred answer that the tests move by hand. Nothing here decides what is right.
 * @module
 */

/** Timers whose time passes only in `advance`. */
export function fakeTimers() {
  let now = 0;
  let last = 0;
  const due = new Map();
  return {
    set(action, milliseconds) {
      due.set(++last, { at: now + milliseconds, action });
      return last;
    },
    clear(timer) {
      due.delete(timer);
    },
    now: () => now,
    /** Lets time pass without any timer firing, as a machine that sleeps does. */
    sleep(milliseconds) {
      now += milliseconds;
    },
    /** Lets time pass, timers firing in order, promises settling in between. */
    async advance(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (;;) {
        const next = [...due].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (!next) break;
        due.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].action();
        await settle();
      }
      now = end;
    },
  };
}

/** A WebSocket class whose instances are kept in `opened`, and that a test opens, feeds and closes. */
export function fakeWebSocket() {
  const opened = [];
  class FakeWebSocket extends EventTarget {
    readyState = 0;
    sent = [];
    wasClosed = false;
    constructor(url) {
      super();
      this.url = url;
      opened.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.wasClosed = true;
      this.readyState = 3;
    }
    /** The server speaks. */
    deliver(message) {
      this.readyState = 1;
      const event = new Event('message');
      event.data = typeof message === 'string' ? message : JSON.stringify(message);
      this.dispatchEvent(event);
    }
    /** The server or the network closes. */
    drop(code = 1006) {
      this.readyState = 3;
      const event = new Event('close');
      event.code = code;
      this.dispatchEvent(event);
    }
  }
  return { WebSocket: FakeWebSocket, opened, latest: () => opened[opened.length - 1] };
}

/** An EventSource class likewise. */
export function fakeEventSource() {
  const opened = [];
  class FakeEventSource extends EventTarget {
    wasClosed = false;
    constructor(url) {
      super();
      this.url = url;
      opened.push(this);
    }
    close() {
      this.wasClosed = true;
    }
    /** The server speaks. */
    deliver(message) {
      const event = new Event(message.type);
      event.data = JSON.stringify(message);
      this.dispatchEvent(event);
    }
    /** The server or the network ends it. */
    drop() {
      this.dispatchEvent(new Event('error'));
    }
  }
  return { EventSource: FakeEventSource, opened, latest: () => opened[opened.length - 1], open: () => opened.filter((source) => !source.wasClosed) };
}

/** Lets everything that is only waiting for promises go on. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
