// What the official client asks of a server.
'use strict';
const grpc = require('@grpc/grpc-js');
const assert = require('assert');
const path = require('path');

const large = Buffer.alloc(64 * 1024 * 1024, 7);

function unary(client, request, metadata = new grpc.Metadata(), options = {}) {
  return new Promise((resolve, reject) => {
    const seen = {};
    const call = client.Unary(request, metadata, options, (error, value) => {
      // The status follows the value.
      if (error) reject(error); else seen.value = value;
    });
    call.on('metadata', (headers) => { seen.headers = headers; });
    call.on('status', (status) => { seen.status = status; if (status.code === 0) resolve(seen); });
  });
}

function all(call) {
  return new Promise((resolve, reject) => {
    const values = [];
    call.on('data', (value) => values.push(value)).on('end', () => resolve(values)).on('error', reject);
  });
}

async function failsWith(code, promise) {
  await assert.rejects(promise, (error) => { assert.strictEqual(error.code, code, error.message); return true; });
}

const checks = {
  async unary(client) { assert.strictEqual((await unary(client, { payload: large.subarray(0, 1000) })).value.payload.length, 1000); },
  async client_streaming(client) {
    const response = await new Promise((resolve, reject) => {
      const call = client.Collect((error, value) => (error ? reject(error) : resolve(value)));
      for (let i = 0; i < 100; i++) call.write({ payload: large.subarray(0, i) });
      call.end();
    });
    assert.deepStrictEqual([response.requests, response.bytes], [100, 4950]);
  },
  async server_streaming(client) {
    const values = await all(client.Expand({ count: 500, responseBytes: 3000 }));
    assert.deepStrictEqual(values.map((value) => value.index), [...Array(500).keys()]);
  },
  async duplex(client) {
    const call = client.Chat();
    const received = [];
    const ended = new Promise((resolve, reject) => call.on('end', resolve).on('error', reject));
    call.on('data', (value) => {
      received.push(value.index);
      if (received.length === 50) call.end(); else call.write({ payload: Buffer.from('x') });
    });
    call.write({ payload: Buffer.from('x') });
    await ended;
    assert.strictEqual(received.length, 50);
  },
  async metadata(client) {
    const sent = new grpc.Metadata();
    sent.set('echo-text', 'some text');
    sent.set('echo-data-bin', Buffer.from([0, 1, 254, 255]));
    const { headers, status } = await unary(client, {}, sent);
    for (const received of [headers, status.metadata]) {
      assert.deepStrictEqual(received.get('echo-text'), ['some text']);
      assert.deepStrictEqual(received.get('echo-data-bin').map((value) => [...value]), [[0, 1, 254, 255]]);
    }
  },
  async gzip(client, load, address) {
    const compressed = new client.constructor(address, grpc.credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
    assert.strictEqual((await unary(compressed, { payload: large.subarray(0, 100000) })).value.payload.length, 100000);
    compressed.close();
  },
  async error_details(client) {
    await assert.rejects(unary(client, { status: 9, detail: 'nicht jetzt: ä', payload: Buffer.from('why') }), (error) => {
      assert.deepStrictEqual([error.code, error.details], [9, 'nicht jetzt: ä']);
      assert.strictEqual(error.metadata.get('grpc-status-details-bin')[0].toString(), 'why');
      return true;
    });
  },
  deadline: (client) => failsWith(4, unary(client, { wait: true }, undefined, { deadline: Date.now() + 300 })),
  async cancellation(client) {
    const call = client.Chat();
    const failed = failsWith(1, all(call));
    call.write({ payload: Buffer.from('x') });
    call.once('data', () => call.cancel());
    await failed;
  },
  unknown_method: (client) => failsWith(12, new Promise((resolve, reject) => client.makeUnaryRequest(
    '/forge.grpc.tests.v1.EchoService/Nothing', (value) => value, (value) => value, Buffer.alloc(0), (error, value) => (error ? reject(error) : resolve(value))))),
  async messages_of_64_mib(client) { assert.strictEqual((await unary(client, { payload: large })).value.payload.compare(large), 0); },
  async large_streams(client) {
    let bytes = 0;
    await new Promise((resolve, reject) => client.Expand({ count: 256, responseBytes: 1024 * 1024 })
      .on('data', (value) => { bytes += value.payload.length; }).on('end', resolve).on('error', reject));
    assert.strictEqual(bytes, 256 * 1024 * 1024);
  },
  async a_thousand_calls(client) {
    const values = await Promise.all([...Array(1000).keys()].map((i) => unary(client, { payload: large.subarray(0, i) })));
    assert.ok(values.every(({ value }, i) => value.bytes === i));
  },
  async health(client, load, address, protos) {
    const { Health } = load(path.join(protos, 'health.proto')).grpc.health.v1;
    const health = new Health(address, grpc.credentials.createInsecure());
    const status = await new Promise((resolve, reject) => health.Check({ service: '' }, (error, value) => (error ? reject(error) : resolve(value.status))));
    assert.strictEqual(status, 1);
    health.close();
  },
  async reflection(client, load, address, protos) {
    for (const version of ['v1', 'v1alpha']) {
      const { ServerReflection } = load(path.join(protos, `reflection_${version}.proto`)).grpc.reflection[version];
      const reflection = new ServerReflection(address, grpc.credentials.createInsecure());
      const call = reflection.ServerReflectionInfo();
      call.write({ listServices: '*' });
      call.write({ fileContainingSymbol: 'forge.grpc.tests.v1.EchoService' });
      call.end();
      const [list, file] = await all(call);
      assert.ok(list.listServicesResponse.service.some((service) => service.name === 'forge.grpc.tests.v1.EchoService'));
      assert.strictEqual(file.fileDescriptorResponse.fileDescriptorProto.length, 1);
      reflection.close();
    }
  },
};

exports.run = async function run(client, load, address, protos) {
  const results = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(client, load, address, protos);
      results[name] = 'ok';
    } catch (error) {
      results[name] = String(error && error.stack || error);
    }
  }
  console.log(JSON.stringify(results));
  process.exit(0);
};
