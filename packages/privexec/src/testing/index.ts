export type { Broker } from '../broker/broker.ts'
export {
  type Answer,
  type Answers,
  type Call,
  type RecordingTransport,
  recordingTransport,
  type TestOptions,
  testBroker,
} from './recording.ts'
