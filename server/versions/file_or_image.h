#pragma once

#include "zones/load/file_stamp.h"

namespace holdfast::server {

/// What a zone that has a file is read from.
enum class Reading {
  image,          ///< and from the file where it is damaged
  file_or_image,  ///< from the file, and from the image where that cannot be used
  file,           ///< and what was served before goes on being served where it cannot be used
};

//  it is served   stamps of the image and of the file
//  no             are the same                           image
//  no             are others, or there is none           file_or_image
//  yes            any                                    file: that is what was asked for
constexpr Reading choose(bool is_served, zones::FileStamp image, zones::FileStamp file) {
  if (is_served) return Reading::file;
  return image != zones::kNoStamp && image == file ? Reading::image : Reading::file_or_image;
}

}  // namespace holdfast::server
