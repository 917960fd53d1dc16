export type { Broker } from '../broker/broker.ts'
export {
  type Answer,
  type Answers,
  type Call,
  type RecordingTransport,
  recordingTransport,
  testBroker,
} from './recording.ts'
