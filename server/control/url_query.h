#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::server {

struct Parameter {
  std::string name;
  std::string value;
};

/// What somebody is told who wrote it otherwise.
inline constexpr char kQueryForm[] =
    "a query is written as name=value&name=value, with %NN for what is no letter or digit";

/// The parameters of a URL's query, `a=b&c=d`, decoded (RFC 3986 2.1). Null for what is no such thing.
std::optional<std::vector<Parameter>> parameters(std::string_view query);

}  // namespace holdfast::server
