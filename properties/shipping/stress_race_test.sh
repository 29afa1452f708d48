#!/usr/bin/env bash
# Under ThreadSanitizer the stress finds a free without release (M1): of rooms, where no counter orders one owner before the next.
set -euo pipefail
. "$(dirname "$0")/../expect.sh"
expect 10 'ThreadSanitizer: data race' "$build/properties/shipping/stress-room-freed-without-release" --threads 4 --seconds 120
finish
