// NetworkAttachments
