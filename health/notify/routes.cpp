#include "health/notify/routes.h"

namespace holdfast::health {

std::set<std::string> recipients(const Event& event, const Routes& routes) {
  std::set<std::string> contacts;
  if (event.used_by.empty()) contacts.insert(routes.usual.begin(), routes.usual.end());
  for (const std::string& user : event.used_by) {
    const auto own = routes.own.find(user);
    const auto& told = own == routes.own.end() ? routes.usual : own->second;
    contacts.insert(told.begin(), told.end());
  }
  return contacts;
}

}  // namespace holdfast::health
