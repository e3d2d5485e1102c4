// A window or a kiosk in JavaScript: asks the hall, follows it, says what it learns, a line of JSON each.
//
//   npm install zeromq@6
//   node client.mjs --bus STATE/bus --role window --name window-3 '{"type": "CallNext", "window": 3}'
//   node client.mjs --key window-3.hallkey        (from another computer)
//
// Commands come as arguments, then as lines on standard input: the `command` of docs/protocol.md, and, if
// you wish, its `id`. It ends when standard input has ended and every command is answered, or given up after
// `--give-up` seconds (an hour): the hall knows an id until it starts on a later day, and not longer.
// It says {"snapshot": …}, {"event": …}, {"answer": …}, {"stale": …}, {"fresh": …} or {"wrong": …}.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Dealer, Subscriber } from "zeromq";

const SILENT_MS = 3000; // after so much silence nobody knows whether what is shown is still so
const AGAIN_MS = 1000; // a question without an answer is asked again, with the same id
const STAFF = ["window", "guide", "technician", "supervisor", "web"]; // the others follow what is public

const { values: options, positionals: first } = parseArgs({
  options: {
    bus: { type: "string" },
    role: { type: "string" },
    key: { type: "string" },
    name: { type: "string" },
    "give-up": { type: "string", default: "3600" },
  },
  allowPositionals: true,
});

const say = (what) => console.log(JSON.stringify(what));

// --- where the hall is: sockets in a folder, or an address and a key ---

function endpoints() {
  if (!options.key) {
    const audience = STAFF.includes(options.role) ? "staff" : "public";
    const at = (socket) => `ipc://${options.bus}/${socket}`;
    return { name: options.name, commands: at(options.role), events: at(`events-${audience}`), curve: {} };
  }
  const key = JSON.parse(readFileSync(options.key, "utf8"));
  const [, host, port] = key.address.match(/^(.*):(\d+)$/);
  const audience = STAFF.includes(key.role.split(":")[0]) ? 2 : 1;
  const curve = { curveServerKey: key.server, curvePublicKey: key.public, curveSecretKey: key.secret };
  return { name: options.name ?? key.name, commands: key.address, events: `${host}:${+port + audience}`, curve };
}

const hall = endpoints();
const reach = { linger: 0, reconnectInterval: 100, reconnectMaxInterval: 2000, ...hall.curve };
// `immediate`, `sendTimeout`: while the hall is away nothing is queued, so that no heap of repetitions meets it later.
const commands = new Dealer({ ...reach, immediate: true, sendTimeout: AGAIN_MS });
const events = new Subscriber(reach);

// --- asking: everything waits in `asked` until it is answered ---

const asked = new Map(); // id → { body, due, until, answer, done }

function ask(body, id = randomUUID()) {
  if (asked.has(id)) return asked.get(id).answer;
  const question = { body: { v: 1, from: hall.name, id, ...body }, due: 0 };
  question.until = body.ask === "command" ? performance.now() + 1000 * options["give-up"] : Infinity;
  question.answer = new Promise((done) => (question.done = done));
  asked.set(id, question);
  return question.answer;
}

async function keepAsking() {
  for (;;) {
    for (const question of [...asked.values()]) {
      if (question.due > performance.now()) continue;
      if (!(await sent(question.body))) break; // the hall is away
      question.due = performance.now() + AGAIN_MS;
    }
    await sleep(20);
  }
}

async function sent(body) {
  try {
    await commands.send(JSON.stringify(body));
    return true;
  } catch (error) {
    if (error.code !== "EAGAIN") throw error;
    return false;
  }
}

async function hearAnswers() {
  for await (const [frame] of commands) {
    const answer = JSON.parse(frame);
    if (answer.code !== "too_fast") settle(answer); // else it is asked again
  }
}

function settle(answer) {
  asked.get(answer.id)?.done(answer); // unless it was answered already
  asked.delete(answer.id);
}

async function act({ id, ...command }) {
  const { v, id: of, ...answer } = await ask({ ask: "command", command }, id);
  say({ answer: of, ...answer });
}

// --- following: a snapshot, then every event behind it, once and in order ---

let epoch; // of the journal; undefined before the first snapshot
let last; // the sequence up to which everything is known
let late = null; // what comes in while a snapshot or a replay is on its way
let heard = performance.now();
let heard_s = null; // the hall's time when it was last heard
let stale = false;

function take(recorded) {
  if (recorded.seq <= last) return; // known already
  last = recorded.seq;
  say({ event: recorded });
}

function follow(type, body) {
  if (late) return late.push([type, body]);
  if (type === "forecast") return; // no event: what it says is as good as the next one
  const of = type === "heartbeat" ? body.epoch : body.recorded.epoch;
  const known = type === "heartbeat" ? body.seq : body.prev; // what one must know by now
  if (of !== epoch || known > last) catchUp(); // what it brings goes up to now, this message included
  else if (type !== "heartbeat") take(body.recorded);
}

async function catchUp() {
  late = [];
  const since = epoch === undefined ? { ask: "snapshot" } : { ask: "replay", epoch, since: last };
  const answer = await ask(since);
  if (!answer.ok) fail(answer);
  if (answer.snapshot) {
    ({ epoch, seq: last } = answer.snapshot);
    say({ snapshot: answer.snapshot });
  } else {
    answer.replay.forEach(take);
    last = answer.seq;
  }
  const waiting = late;
  late = null;
  for (const message of waiting) follow(...message);
  freshen();
}

async function hearEvents() {
  for await (const [type, , json] of events) {
    heard = performance.now();
    const body = JSON.parse(json);
    heard_s = body.now?.wall_s ?? body.recorded?.wall_s ?? heard_s;
    follow(type.toString(), body);
    if (type.toString() !== "forecast") freshen(); // a forecast does not tell whether something was missed
  }
}

function freshen() {
  if (!stale || late || performance.now() - heard > SILENT_MS) return;
  stale = false;
  say({ fresh: heard_s });
}

function watch() {
  for (const { until, body } of asked.values()) {
    if (until < performance.now()) settle({ id: body.id, ok: false, code: "unanswered" });
  }
  if (stale || performance.now() - heard <= SILENT_MS) return;
  stale = true;
  say({ stale: heard_s });
}

function fail(why) {
  say({ wrong: why });
  process.exit(1);
}

async function main() {
  commands.connect(hall.commands);
  events.connect(hall.events);
  events.subscribe(); // to everything, heartbeats too; before the snapshot, so that nothing falls between
  for (const work of [keepAsking, hearAnswers, hearEvents, catchUp]) work().catch((error) => fail(String(error)));
  setInterval(watch, 100);

  const acts = first.map((text) => act(JSON.parse(text)));
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      acts.push(act(JSON.parse(line)));
    } catch {
      say({ wrong: line });
    }
  }
  await Promise.all(acts);
  process.exit(0);
}

await main();
