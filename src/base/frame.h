// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/bytes.h"
#include "base/tick.h"

namespace mailglass {

// One frame as captured, contiguous. The bytes belong to the port (an mbuf, or the worker's
// scratch for a chained one) and are valid until the burst they came in ends.
struct Frame {
  Bytes data;
  Tick time;
};

}  // namespace mailglass
