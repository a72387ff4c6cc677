#pragma once

#include <optional>

#include "health/checks.h"
#include "health/event.h"
#include "server/live_names.h"
#include "server/status.h"

namespace holdfast::server {

// What people are told of, made of what happened. Each is another one with an id of its own.

health::Event transition_event(const health::VerdictTable::Moved& moved, const LiveNames& live);
health::Event reload_event(const ReloadReport& report);
health::Event agent_event(const health::VerdictTable::AgentMoved& moved);
/// Null: nothing that anybody need know.
std::optional<health::Event> store_event(const health::StoreStatus& before, const health::StoreStatus& now);

}  // namespace holdfast::server
