// Grafana's icons, where its components look for them.
import { cpSync } from 'node:fs';

cpSync('node_modules/@grafana/ui/dist/public/img', 'served/public/build/img', { recursive: true });

export default { publicDir: 'served', build: { chunkSizeWarningLimit: 1e5 } };
