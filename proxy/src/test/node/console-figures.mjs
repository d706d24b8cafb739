// The console's reading of Prometheus' text, and what it computes from it.
import assert from 'node:assert/strict';
import { Metrics, quantiles, rate } from './console/metrics.js';
import { bytes, count, duration } from './console/draw.js';

const histogram = (...counts) => [0.001, 0.01, 0.1, '+Inf']
    .map((bound, index) => `d_bucket{node="a",le="${bound}"} ${counts[index]}`)
    .join('\n');

const before = new Metrics(`# HELP c What it is.\n# TYPE c counter\nc{node="a",why="x"} 10.0\nc{node="b",why="x"} 1\n${histogram(5, 5, 5, 5)}`, 100);
const now = new Metrics(`c{node="a",why="x"} 30\nc{node="b",why="x"} 6.0E0\nplain 7\nworst +Inf\nodd{text="a \\"b\\", \\\\c {d} e=\\n"} 1\n${histogram(5, 15, 25, 25)}`, 110);

assert.equal(now.sum('c'), 36);
assert.equal(now.sum('c', { node: 'a' }), 30);
assert.equal(now.sum('plain'), 7);
assert.equal(now.sum('worst'), Infinity);
assert.equal(now.sum('nothing'), undefined);
assert.equal(now.all('odd')[0].labels.text, 'a "b", \\c {d} e=\n');

assert.equal(rate(before, now, 'c'), 2.5);
assert.equal(rate(before, now, 'c', { node: 'a' }), 2);
assert.equal(rate(before, now, 'nothing'), 0);
assert.equal(rate(now, before, 'c'), 0);
assert.equal(rate(now, now, 'c'), 0);

// Of 20 that were counted in between, 10 took 1 to 10 ms and 10 took 10 to 100 ms.
const near = (got, wanted) => assert.ok(Math.abs(got - wanted) < 1e-9, `${got}, not ${wanted}`);
const [p25, p50, p75] = quantiles(before, now, 'd', { node: 'a' }, [0.25, 0.5, 0.75]);
near(p25, 0.0055);
near(p50, 0.01);
near(p75, 0.055);
assert.deepEqual(quantiles(now, now, 'd', {}, [0.5]), [undefined]);
assert.deepEqual(quantiles(before, now, 'd', { node: 'b' }, [0.5]), [undefined]);
const beyond = new Metrics(histogram(0, 0, 0, 4), 120);
assert.deepEqual(quantiles(new Metrics('', 110), beyond, 'd', {}, [0.5]), [0.1]);

assert.equal(duration(0.0000445), '45 µs');
assert.equal(duration(0.0012), '1.2 ms');
assert.equal(duration(1.1), '1.10 s');
assert.equal(duration(3 * 3600), '3 h');
assert.equal(duration(undefined), '–');
assert.equal(bytes(0), '0 B');
assert.equal(bytes(268435456), '256 MiB');
assert.equal(count(1234567), '1,234,567');
assert.equal(count(1.44), '1.4');
console.log('done');
process.exit(0);
