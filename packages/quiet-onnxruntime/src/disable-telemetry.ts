/**
 * ONNX Runtime 1.30 records device and session events in `~/.cache/Microsoft` and uploads them. No data leaves here,
 * so it is told not to before its library loads. A worker thread has a copy of the environment that the library does
 * not see: start workers that load ONNX Runtime with `env: SHARE_ENV`.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
