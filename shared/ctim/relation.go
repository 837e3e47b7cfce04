package ctim

// RelationType says how the source observable of a Relation was seen to stand
// to the related one.
type RelationType string

// The observed relations of CTIM. They come in pairs, one for each direction.
const (
	RelationAllocated            RelationType = "Allocated"
	RelationAllocatedBy          RelationType = "Allocated_By"
	RelationAttachedTo           RelationType = "Attached_To"
	RelationBound                RelationType = "Bound"
	RelationBoundBy              RelationType = "Bound_By"
	RelationCharacterizedBy      RelationType = "Characterized_By"
	RelationCharacterizes        RelationType = "Characterizes"
	RelationChildOf              RelationType = "Child_Of"
	RelationClosed               RelationType = "Closed"
	RelationClosedBy             RelationType = "Closed_By"
	RelationCompressed           RelationType = "Compressed"
	RelationCompressedBy         RelationType = "Compressed_By"
	RelationCompressedFrom       RelationType = "Compressed_From"
	RelationCompressedInto       RelationType = "Compressed_Into"
	RelationConnectedFrom        RelationType = "Connected_From"
	RelationConnectedTo          RelationType = "Connected_To"
	RelationContainedWithin      RelationType = "Contained_Within"
	RelationContains             RelationType = "Contains"
	RelationCopied               RelationType = "Copied"
	RelationCopiedBy             RelationType = "Copied_By"
	RelationCopiedFrom           RelationType = "Copied_From"
	RelationCopiedTo             RelationType = "Copied_To"
	RelationCreated              RelationType = "Created"
	RelationCreatedBy            RelationType = "Created_By"
	RelationDecoded              RelationType = "Decoded"
	RelationDecodedBy            RelationType = "Decoded_By"
	RelationDecompressed         RelationType = "Decompressed"
	RelationDecompressedBy       RelationType = "Decompressed_By"
	RelationDecrypted            RelationType = "Decrypted"
	RelationDecryptedBy          RelationType = "Decrypted_By"
	RelationDeleted              RelationType = "Deleted"
	RelationDeletedBy            RelationType = "Deleted_By"
	RelationDeletedFrom          RelationType = "Deleted_From"
	RelationDownloaded           RelationType = "Downloaded"
	RelationDownloadedBy         RelationType = "Downloaded_By"
	RelationDownloadedFrom       RelationType = "Downloaded_From"
	RelationDownloadedTo         RelationType = "Downloaded_To"
	RelationDropped              RelationType = "Dropped"
	RelationDroppedBy            RelationType = "Dropped_By"
	RelationEncoded              RelationType = "Encoded"
	RelationEncodedBy            RelationType = "Encoded_By"
	RelationEncrypted            RelationType = "Encrypted"
	RelationEncryptedBy          RelationType = "Encrypted_By"
	RelationEncryptedFrom        RelationType = "Encrypted_From"
	RelationEncryptedTo          RelationType = "Encrypted_To"
	RelationExtractedFrom        RelationType = "Extracted_From"
	RelationFQDNOf               RelationType = "FQDN_Of"
	RelationFreed                RelationType = "Freed"
	RelationFreedBy              RelationType = "Freed_By"
	RelationHooked               RelationType = "Hooked"
	RelationHookedBy             RelationType = "Hooked_By"
	RelationInitializedBy        RelationType = "Initialized_By"
	RelationInitializedTo        RelationType = "Initialized_To"
	RelationInjected             RelationType = "Injected"
	RelationInjectedAs           RelationType = "Injected_As"
	RelationInjectedBy           RelationType = "Injected_By"
	RelationInjectedInto         RelationType = "Injected_Into"
	RelationInstalled            RelationType = "Installed"
	RelationInstalledBy          RelationType = "Installed_By"
	RelationJoined               RelationType = "Joined"
	RelationJoinedBy             RelationType = "Joined_By"
	RelationKilled               RelationType = "Killed"
	RelationKilledBy             RelationType = "Killed_By"
	RelationListenedOn           RelationType = "Listened_On"
	RelationListenedOnBy         RelationType = "Listened_On_By"
	RelationLoadedFrom           RelationType = "Loaded_From"
	RelationLoadedInto           RelationType = "Loaded_Into"
	RelationLocked               RelationType = "Locked"
	RelationLockedBy             RelationType = "Locked_By"
	RelationMappedBy             RelationType = "Mapped_By"
	RelationMappedInto           RelationType = "Mapped_Into"
	RelationMerged               RelationType = "Merged"
	RelationMergedBy             RelationType = "Merged_By"
	RelationModifiedPropertiesOf RelationType = "Modified_Properties_Of"
	RelationMonitored            RelationType = "Monitored"
	RelationMonitoredBy          RelationType = "Monitored_By"
	RelationMoved                RelationType = "Moved"
	RelationMovedBy              RelationType = "Moved_By"
	RelationMovedFrom            RelationType = "Moved_From"
	RelationMovedTo              RelationType = "Moved_To"
	RelationOpened               RelationType = "Opened"
	RelationOpenedBy             RelationType = "Opened_By"
	RelationPacked               RelationType = "Packed"
	RelationPackedBy             RelationType = "Packed_By"
	RelationPackedFrom           RelationType = "Packed_From"
	RelationPackedInto           RelationType = "Packed_Into"
	RelationParentOf             RelationType = "Parent_Of"
	RelationPaused               RelationType = "Paused"
	RelationPausedBy             RelationType = "Paused_By"
	RelationPreviouslyContained  RelationType = "Previously_Contained"
	RelationPropertiesModifiedBy RelationType = "Properties_Modified_By"
	RelationPropertiesQueried    RelationType = "Properties_Queried"
	RelationPropertiesQueriedBy  RelationType = "Properties_Queried_By"
	RelationReadFrom             RelationType = "Read_From"
	RelationReadFromBy           RelationType = "Read_From_By"
	RelationReceived             RelationType = "Received"
	RelationReceivedBy           RelationType = "Received_By"
	RelationReceivedFrom         RelationType = "Received_From"
	RelationReceivedViaUpload    RelationType = "Received_Via_Upload"
	RelationRedirectsTo          RelationType = "Redirects_To"
	RelationRefersTo             RelationType = "Refers_To"
	RelationRelatedTo            RelationType = "Related_To"
	RelationRenamed              RelationType = "Renamed"
	RelationRenamedBy            RelationType = "Renamed_By"
	RelationRenamedFrom          RelationType = "Renamed_From"
	RelationRenamedTo            RelationType = "Renamed_To"
	RelationResolvedTo           RelationType = "Resolved_To"
	RelationResumed              RelationType = "Resumed"
	RelationResumedBy            RelationType = "Resumed_By"
	RelationRootDomainOf         RelationType = "Root_Domain_Of"
	RelationSearchedFor          RelationType = "Searched_For"
	RelationSearchedForBy        RelationType = "Searched_For_By"
	RelationSent                 RelationType = "Sent"
	RelationSentBy               RelationType = "Sent_By"
	RelationSentTo               RelationType = "Sent_To"
	RelationSentViaUpload        RelationType = "Sent_Via_Upload"
	RelationSetFrom              RelationType = "Set_From"
	RelationSetTo                RelationType = "Set_To"
	RelationSubDomainOf          RelationType = "Sub-domain_Of"
	RelationSupraDomainOf        RelationType = "Supra-domain_Of"
	RelationSuspended            RelationType = "Suspended"
	RelationSuspendedBy          RelationType = "Suspended_By"
	RelationUnhooked             RelationType = "Unhooked"
	RelationUnhookedBy           RelationType = "Unhooked_By"
	RelationUnlocked             RelationType = "Unlocked"
	RelationUnlockedBy           RelationType = "Unlocked_By"
	RelationUnpacked             RelationType = "Unpacked"
	RelationUnpackedBy           RelationType = "Unpacked_By"
	RelationUploaded             RelationType = "Uploaded"
	RelationUploadedBy           RelationType = "Uploaded_By"
	RelationUploadedFrom         RelationType = "Uploaded_From"
	RelationUploadedTo           RelationType = "Uploaded_To"
	RelationUsed                 RelationType = "Used"
	RelationUsedBy               RelationType = "Used_By"
	RelationValuesEnumerated     RelationType = "Values_Enumerated"
	RelationValuesEnumeratedBy   RelationType = "Values_Enumerated_By"
	RelationWrittenToBy          RelationType = "Written_To_By"
	RelationWroteTo              RelationType = "Wrote_To"
)

// RelationTypes are the observed relations of CTIM.
func RelationTypes() []RelationType {
	return []RelationType{
		RelationAllocated, RelationAllocatedBy, RelationAttachedTo, RelationBound, RelationBoundBy,
		RelationCharacterizedBy, RelationCharacterizes, RelationChildOf, RelationClosed, RelationClosedBy,
		RelationCompressed, RelationCompressedBy, RelationCompressedFrom, RelationCompressedInto, RelationConnectedFrom,
		RelationConnectedTo, RelationContainedWithin, RelationContains, RelationCopied, RelationCopiedBy,
		RelationCopiedFrom, RelationCopiedTo, RelationCreated, RelationCreatedBy, RelationDecoded, RelationDecodedBy,
		RelationDecompressed, RelationDecompressedBy, RelationDecrypted, RelationDecryptedBy, RelationDeleted,
		RelationDeletedBy, RelationDeletedFrom, RelationDownloaded, RelationDownloadedBy, RelationDownloadedFrom,
		RelationDownloadedTo, RelationDropped, RelationDroppedBy, RelationEncoded, RelationEncodedBy, RelationEncrypted,
		RelationEncryptedBy, RelationEncryptedFrom, RelationEncryptedTo, RelationExtractedFrom, RelationFQDNOf,
		RelationFreed, RelationFreedBy, RelationHooked, RelationHookedBy, RelationInitializedBy, RelationInitializedTo,
		RelationInjected, RelationInjectedAs, RelationInjectedBy, RelationInjectedInto, RelationInstalled,
		RelationInstalledBy, RelationJoined, RelationJoinedBy, RelationKilled, RelationKilledBy, RelationListenedOn,
		RelationListenedOnBy, RelationLoadedFrom, RelationLoadedInto, RelationLocked, RelationLockedBy, RelationMappedBy,
		RelationMappedInto, RelationMerged, RelationMergedBy, RelationModifiedPropertiesOf, RelationMonitored,
		RelationMonitoredBy, RelationMoved, RelationMovedBy, RelationMovedFrom, RelationMovedTo, RelationOpened,
		RelationOpenedBy, RelationPacked, RelationPackedBy, RelationPackedFrom, RelationPackedInto, RelationParentOf,
		RelationPaused, RelationPausedBy, RelationPreviouslyContained, RelationPropertiesModifiedBy,
		RelationPropertiesQueried, RelationPropertiesQueriedBy, RelationReadFrom, RelationReadFromBy, RelationReceived,
		RelationReceivedBy, RelationReceivedFrom, RelationReceivedViaUpload, RelationRedirectsTo, RelationRefersTo,
		RelationRelatedTo, RelationRenamed, RelationRenamedBy, RelationRenamedFrom, RelationRenamedTo,
		RelationResolvedTo, RelationResumed, RelationResumedBy, RelationRootDomainOf, RelationSearchedFor,
		RelationSearchedForBy, RelationSent, RelationSentBy, RelationSentTo, RelationSentViaUpload, RelationSetFrom,
		RelationSetTo, RelationSubDomainOf, RelationSupraDomainOf, RelationSuspended, RelationSuspendedBy,
		RelationUnhooked, RelationUnhookedBy, RelationUnlocked, RelationUnlockedBy, RelationUnpacked, RelationUnpackedBy,
		RelationUploaded, RelationUploadedBy, RelationUploadedFrom, RelationUploadedTo, RelationUsed, RelationUsedBy,
		RelationValuesEnumerated, RelationValuesEnumeratedBy, RelationWrittenToBy, RelationWroteTo,
	}
}

// Relation is a fact about two observables that were seen together: a domain
// that resolved to an address, a file that contained another.
type Relation struct {
	// Origin names who says so. Required.
	Origin    string       `json:"origin"`
	OriginURI string       `json:"origin_uri,omitempty"`
	Relation  RelationType `json:"relation"`
	Source    Observable   `json:"source"`
	Related   Observable   `json:"related"`
}
