#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Reports what is wrong with names that live names lead to (targets of ANAMEs, members of pools), and with who is asked for
/// these.
void check_aliases(const Document& document);

}  // namespace holdfast::config
