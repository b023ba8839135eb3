"""Pictures of what agents did: the scene, its monthly frames, and pages that show them; no economics of their own."""
