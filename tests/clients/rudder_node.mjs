// RudderStack's client for Node tells Ada's story. Run with an address and a key.
import { createRequire } from 'node:module'

const require = createRequire(process.cwd() + '/')
const RudderAnalytics = require('@rudderstack/rudder-sdk-node')
const [dataPlaneUrl, writeKey] = process.argv.slice(2)
const analytics = new (RudderAnalytics.default ?? RudderAnalytics)(writeKey, { dataPlaneUrl, flushAt: 6 })
const userId = 'ada'
analytics.identify({ userId, traits: { email: 'ada@acme.example', title: 'CTO' } })
analytics.track({ userId, event: 'Demo Requested', properties: { plan: 'pro', seats: 3 } })
analytics.page({
  userId, category: 'Docs', name: 'Pricing',
  properties: { path: '/pricing', url: 'https://www.northwind.example/pricing' },
})
analytics.screen({ userId, category: 'App', name: 'Start' })
analytics.group({ userId, groupId: 'acme', traits: { name: 'Acme', employees: 300 } })
await new Promise((done) => {
  analytics.alias({ userId, previousId: 'visitor-1' })
  analytics.flush(done)
})
