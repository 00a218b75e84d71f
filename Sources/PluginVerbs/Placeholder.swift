// PluginVerbs
