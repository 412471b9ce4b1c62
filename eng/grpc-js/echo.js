// The echo service of echo.proto on the official implementation for Node.js.
//   node echo.js serve PROTO             serves on a free port and prints it; ends with its standard input
//   node echo.js check PROTO ADDRESS     calls a server in every way and prints one JSON object: check → "ok" or what went wrong
//   node echo.js bench PROTO ADDRESS     measures calls and streams and prints one JSON object
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const path = require('path');

const [, , mode, proto, address] = process.argv;
const load = (file) => grpc.loadPackageDefinition(loader.loadSync(file, { longs: Number, defaults: true }));
const { EchoService } = load(proto).forge.grpc.tests.v1;
const limits = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

if (mode === 'serve') serve();
else if (mode === 'check') require('./checks').run(new EchoService(address, grpc.credentials.createInsecure(), limits), load, address, path.dirname(proto));
else require('./bench').run(new EchoService(address, grpc.credentials.createInsecure(), limits));

function serve() {
  const server = new grpc.Server({ ...limits, 'grpc.default_compression_algorithm': process.env.ECHO_GZIP ? 2 : 0 });
  server.addService(EchoService.service, { Unary: unary, Collect: collect, Expand: expand, Chat: chat });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(port);
  });
  process.stdin.on('end', () => process.exit(0)).resume();
}

// Echoed metadata goes out in headers and comes back as trailers.
function begin(call) {
  const echoed = new grpc.Metadata();
  let any = false;
  for (const key of Object.keys(call.metadata.getMap())) {
    if (!key.startsWith('echo-')) continue;
    call.metadata.get(key).forEach((value) => echoed.add(key, value));
    any = true;
  }
  if (any) call.sendMetadata(echoed);
  return echoed;
}

function failure(request) {
  if (!request.status) return null;
  const details = new grpc.Metadata();
  details.set('grpc-status-details-bin', request.payload);
  return { code: request.status, details: request.detail, metadata: details };
}

function response(request, index, requests, bytes) {
  return { payload: request.responseBytes > 0 ? Buffer.alloc(request.responseBytes) : request.payload, index, requests, bytes };
}

function unary(call, callback) {
  const trailers = begin(call);
  if (call.request.wait) return;
  const failed = failure(call.request);
  if (failed) callback(failed);
  else callback(null, response(call.request, 0, 1, call.request.payload.length), trailers);
}

function collect(call, callback) {
  const trailers = begin(call);
  let requests = 0, bytes = 0, last = { payload: Buffer.alloc(0), responseBytes: 0 };
  call.on('data', (request) => { requests++; bytes += request.payload.length; last = request; });
  call.on('end', () => callback(failure(last), response(last, 0, requests, bytes), trailers));
}

async function expand(call) {
  const trailers = begin(call);
  for (let index = 0; index < call.request.count && !call.cancelled; index++) {
    if (!call.write(response(call.request, index, 1, call.request.payload.length))) await new Promise((room) => call.once('drain', room));
  }
  const failed = failure(call.request);
  if (failed) call.emit('error', failed);
  else if (!call.request.wait) call.end(trailers);
}

function chat(call) {
  const trailers = begin(call);
  let requests = 0, bytes = 0;
  call.on('data', (request) => {
    const failed = failure(request);
    if (failed) return call.emit('error', failed);
    bytes += request.payload.length;
    call.write(response(request, requests++, requests, bytes));
  });
  call.on('end', () => call.end(trailers));
}
