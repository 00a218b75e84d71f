#pragma once
// What has to happen before the Swift runtime starts. Nothing is called from Swift: linking it is enough.
