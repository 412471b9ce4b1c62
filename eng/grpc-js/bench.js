// The same measurements as `forge bench grpc` makes, by the official client: the settings come from the environment.
'use strict';
const seconds = Number(process.env.BENCH_SECONDS);
const payload = Buffer.alloc(Number(process.env.BENCH_PAYLOAD), 7);
const chunk = Number(process.env.BENCH_CHUNK);
const chunks = Number(process.env.BENCH_CHUNKS);

const call = (client) => new Promise((resolve, reject) => client.Unary({ payload }, (error, value) => (error ? reject(error) : resolve(value))));

async function calls(client, inFlight, duration) {
  const times = [];
  const start = process.hrtime.bigint();
  const end = start + BigInt(Math.round(duration * 1e9));
  await Promise.all([...Array(inFlight)].map(async () => {
    for (let now = process.hrtime.bigint(); now < end;) {
      await call(client);
      const after = process.hrtime.bigint();
      times.push(Number(after - now) / 1000);
      now = after;
    }
  }));
  const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
  times.sort((a, b) => a - b);
  return { calls_per_s: times.length / elapsed, p50_us: times[Math.floor(times.length * 0.5)], p99_us: times[Math.floor(times.length * 0.99)] };
}

function stream(client) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    let bytes = 0;
    client.Expand({ count: chunks, responseBytes: chunk })
      .on('data', (value) => { bytes += value.payload.length; })
      .on('error', reject)
      .on('end', () => resolve(bytes / 1e6 / (Number(process.hrtime.bigint() - start) / 1e9)));
  });
}

exports.run = async function run(client) {
  await calls(client, 64, seconds / 2);
  const one = await calls(client, 1, seconds);
  const many = await calls(client, 64, seconds);
  await stream(client);
  const rates = [];
  for (let i = 0; i < 3; i++) rates.push(await stream(client));
  console.log(JSON.stringify({ one, many, mb_per_s: rates.sort((a, b) => a - b)[1] }));
  process.exit(0);
};
