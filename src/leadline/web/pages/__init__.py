"""The pages that read several apps: leads, a lead."""
