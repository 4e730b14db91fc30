"""What covers a face: glasses, hair, hands, masks, and the photo's own border."""
