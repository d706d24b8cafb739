// Transactions, scripts, blocking pops, a subscription, and a scan that begins before the failover and ends after it.
import Redis from 'ioredis';
import { check, hasFailedOver, host, isUncertain, lasts, lossy, port, ready, run, sentinel, turn, until } from './scene.mjs';

await run(async () => {
    const connect = () =>
        sentinel ? new Redis({ sentinels: [{ host, port }], name: 'mymaster' }) : new Redis(port, host);
    const redis = connect();
    const popper = connect();
    const subscriber = connect();
    redis.defineCommand('once', {
        numberOfKeys: 1,
        lua: "redis.call('HINCRBY', KEYS[1], ARGV[1], 1) return redis.call('HLEN', KEYS[1])",
    });
    const heard = new Set();
    subscriber.on('message', (channel, message) => heard.add(message));
    await subscriber.subscribe('news');

    const sums = { transactions: 0, scripts: 0, pushed: new Set() };
    const popped = [];
    let uncertain = 0;
    let lostPops = 0;
    let ended = false;
    const popping = (async () => {
        while (!ended) {
            try {
                const element = await popper.blpop('queue', 1);
                if (element) popped.push(element[1]);
            } catch (error) {
                check(isUncertain(error), error.message);
                lostPops++;
            }
        }
    })();
    const attempt = async (work) => {
        try {
            await work();
        } catch (error) {
            check(isUncertain(error), error.message);
            uncertain++;
        }
    };
    const keys = [...Array(1000).keys()].map((key) => `scanned:${key}`);
    await redis.mset(keys.flatMap((key) => [key, '']));
    await redis.wait(2, 20_000);
    const scanning = (async () => {
        const found = new Set();
        let batches = 0;
        for await (const batch of redis.scanStream({ match: 'scanned:*', count: 10 })) {
            batch.forEach((key) => found.add(key));
            // Of the rest the stream has read a part at most.
            if (batches++ === 10) await until('the servers have failed over', hasFailedOver);
        }
        return found;
    })();
    let after = 0;
    for (let i = 0; after < 200; i++) {
        await attempt(async () => {
            const counts = lasts();
            const replies = await redis.multi().incr('a').incr('b').exec();
            check(replies.every(([error]) => error === null), 'no command of a transaction fails');
            sums.transactions += counts ? 1 : 0;
        });
        await attempt(async () => {
            const counts = lasts();
            await redis.once('runs', String(i));
            sums.scripts += counts ? 1 : 0;
        });
        await attempt(async () => {
            const counts = lasts();
            await redis.rpush('queue', String(i));
            if (counts) sums.pushed.add(String(i));
        });
        after += hasFailedOver() ? 1 : 0;
        if (i === 100) ready();
        await turn();
    }
    await until('the subscription is there again', async () => {
        await redis.publish('news', 'after');
        return heard.has('after');
    });
    await until('the queue is empty', async () => (await redis.llen('queue')) === 0);
    ended = true;
    await popping;
    const found = await scanning;
    check(keys.every((key) => found.has(key)), `a scan found ${found.size} of ${keys.length} keys`);
    const [a, b] = (await redis.mget('a', 'b')).map(Number);
    check(a === b, `a transaction is whole: ${a} and ${b}`);
    check(a >= sums.transactions && (lossy || a <= sums.transactions + uncertain), `${a} of ${sums.transactions} transactions`);
    const runs = Object.values(await redis.hgetall('runs')).map(Number);
    check(runs.every((count) => count === 1), 'no script ran twice');
    check(runs.length >= sums.scripts, `${runs.length} of ${sums.scripts} scripts`);
    check(lossy || new Set(popped).size === popped.length, 'nothing was popped twice');
    const missing = [...sums.pushed].filter((element) => !popped.includes(element));
    check(missing.length <= lostPops, `not popped: ${missing}`);
    check(uncertain <= 1, `${uncertain} commands are uncertain`);
    return { transactions: a, scripts: runs.length, popped: popped.length, uncertain, lostPops };
});
