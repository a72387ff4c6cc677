#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace holdfast::server {

/// What GET /api/v1/status said, for people: lines of at most 100 characters. Throws std::exception where it is not of
/// the form that this version of holdfast sends.
std::string status_text(const boost::json::value& status);

/// The agents and the store, as `checks` in it and GET /api/v1/agents have them; empty where the server is alone. Throws as
/// above.
std::string checks_text(const boost::json::value& checks);

/// True when `store` of these is followed, takes what is ours and has nothing that cannot be read, or is null: there is none. Throws as above.
bool is_store_fine(const boost::json::value& store);

/// True when all zones are served as they are on disk, no target is down, and a store is fine. Throws as above.
bool is_fine(const boost::json::value& status);

}  // namespace holdfast::server
