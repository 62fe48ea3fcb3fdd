import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { browserMemory } from './browser-memory.ts';
import type { ServeEngine } from './engine.ts';

/** From a form with a short clip to a request at its limit. */
const DURATION_BUCKETS_SECONDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** For Prometheus, with those of this process (memory, processor, open files). */
export function createMetrics(engine: Pick<ServeEngine, 'waiting' | 'running' | 'restarts' | 'state'>) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauges = {
    queue_waiting: { help: 'Videos that wait for an engine', read: engine.waiting },
    queue_running: { help: 'Videos that are judged', read: engine.running },
    engine_restarts: { help: 'How often the browser was started again', read: engine.restarts },
    engine_up: { help: '1 while videos can be judged', read: () => Number(engine.state().kind === 'ready') },
  };
  for (const [name, { help, read }] of Object.entries(gauges)) {
    new Gauge({
      name: `trueframe_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
  new Gauge({
    name: 'trueframe_browser_memory_bytes',
    help: 'Resident memory of the browser that judges; 0 where the system does not say',
    registers,
    async collect() {
      this.set((await browserMemory()) ?? 0);
    },
  });
  const labelNames = ['route', 'status'] as const;
  const requests = new Counter({
    name: 'trueframe_requests_total',
    help: 'Requests by route and status',
    labelNames,
    registers,
  });
  const durations = new Histogram({
    name: 'trueframe_request_duration_seconds',
    help: 'From the first byte of a request to the end of its answer',
    labelNames,
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  return {
    observe: (route: string, status: number, seconds: number): void => {
      requests.inc({ route, status });
      durations.observe({ route, status }, seconds);
    },
    contentType: registry.contentType,
    read: () => registry.metrics(),
  };
}
