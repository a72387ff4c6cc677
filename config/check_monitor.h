#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Reports what the values of one monitor do wrong together.
void check_monitor(const Section<health::MonitorSettings>& monitor, const Document& document);

}  // namespace holdfast::config
