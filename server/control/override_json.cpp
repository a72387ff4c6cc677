#include "server/control/override_json.h"

#include <boost/json.hpp>

#include "server/control/json.h"

namespace holdfast::server {

namespace json = boost::json;

json::object to_json(const health::Override& override_) {
  return {{"id", utf8(override_.id)},
          {"subject", utf8(text(override_.subject))},
          {"decision", text(override_.decision)},
          {"author", utf8(override_.author)},
          {"reason", utf8(override_.reason)},
          {"created", rfc3339(override_.created)},
          {"expires", override_.expires ? json::value(rfc3339(*override_.expires)) : nullptr}};
}

json::object to_json(const OverrideAnswer& answer) {
  if (!answer.override_) return {{"error", utf8(answer.error)}};
  return {{"override", to_json(*answer.override_)},
          {"used_by", all_of(answer.effect.used_by)},
          {"answers", all_of(answer.effect.answers)},
          {"overruled", all_of(answer.effect.overruled)},
          {"kept", answer.is_kept}};
}

}  // namespace holdfast::server
